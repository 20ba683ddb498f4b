/** Short sounds made on the spot and patterns of vibration, one for each answer, so that the outcome is heard and felt
 * without looking. */

export type Sound = "good" | "unlocked" | "refused" | "again" | "key";

interface Tone {
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
  readonly shape: OscillatorType;
  readonly volume: number;
}

/** Milliseconds of vibration and rest: one thud for good, a roll for unlocked, two long for refused, two short for again. */
const PATTERNS: Readonly<Record<Sound, readonly number[]>> = {
  good: [60],
  unlocked: [50, 40, 50, 40, 50, 40, 160],
  refused: [220, 90, 220],
  again: [70, 90, 70],
  key: [],
};

/** Seconds and hertz. Good is a thud and a high note, unlocked climbs, refused falls twice, again asks with two. */
const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  good: [
    { at: 0, length: 0.12, from: 150, to: 60, shape: "sine", volume: 0.5 },
    { at: 0.07, length: 0.22, from: 784, to: 784, shape: "triangle", volume: 0.22 },
  ],
  unlocked: [523, 659, 784, 1047].map((pitch, step) => ({
    at: step * 0.11,
    length: step === 3 ? 0.45 : 0.16,
    from: pitch,
    to: pitch,
    shape: "triangle" as const,
    volume: 0.24,
  })),
  refused: [
    { at: 0, length: 0.18, from: 196, to: 180, shape: "square", volume: 0.1 },
    { at: 0.24, length: 0.3, from: 147, to: 131, shape: "square", volume: 0.1 },
  ],
  again: [
    { at: 0, length: 0.14, from: 440, to: 440, shape: "triangle", volume: 0.2 },
    { at: 0.18, length: 0.2, from: 440, to: 494, shape: "triangle", volume: 0.2 },
  ],
  key: [{ at: 0, length: 0.03, from: 1200, to: 900, shape: "sine", volume: 0.05 }],
};

/** Lets the tablet vibrate, where it can. Nothing happens before anybody touched the page. */
export function vibrate(sound: Sound): void {
  const pattern = PATTERNS[sound];
  if (pattern.length > 0 && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.([...pattern]);
}

let context: AudioContext | null = null;

/** Plays a sound. Silent where the browser has no audio, or nobody touched the page yet. */
export function play(sound: Sound): void {
  try {
    context ??= new AudioContext();
  } catch {
    return;
  }
  const audio = context;
  if (audio.state === "suspended") void audio.resume().catch(() => undefined);
  for (const tone of TONES[sound]) {
    const start = audio.currentTime + tone.at;
    const oscillator = new OscillatorNode(audio, { type: tone.shape, frequency: tone.from });
    const gain = new GainNode(audio, { gain: 0 });
    oscillator.frequency.exponentialRampToValueAtTime(tone.to, start + tone.length);
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(tone.volume, start + 0.008);
    gain.gain.exponentialRampToValueAtTime(0.001, start + tone.length);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + tone.length + 0.02);
  }
}

import { describe, expect, it } from "vitest";
import { Clock } from "../shared/clock.ts";

/** A tablet whose clocks a test sets. */
class Hands {
  wallNow = 1_000_000;
  steadyNow = 50;
  wall = () => this.wallNow;
  steady = () => this.steadyNow;

  pass(milliseconds: number): void {
    this.wallNow += milliseconds;
    this.steadyNow += milliseconds;
  }
}

function clockOf(): { hands: Hands; clock: Clock; kept: number[] } {
  const hands = new Hands();
  const kept: number[] = [];
  return { hands, clock: new Clock(hands, "life", (error) => void kept.push(error.offset)), kept };
}

describe("the tablet's idea of the service's time", () => {
  it("is its own clock until it knows better", () => {
    const { clock } = clockOf();
    expect(clock.now()).toBe(1_000_000);
    expect(clock.isKnown).toBe(false);
    expect(clock.offsetNow()).toBeUndefined();
  });

  it("takes half the round trip", () => {
    const { hands, clock, kept } = clockOf();
    const sent = clock.steady();
    hands.pass(200);
    clock.measure(990_000, sent);
    expect(clock.now()).toBe(990_100);
    expect(clock.offsetNow()).toBe(10_100);
    expect(kept).toEqual([10_100]);
  });

  it("reads what the service writes", () => {
    const { clock } = clockOf();
    clock.measure("1970-01-01T01:00:00.000+01:00", clock.steady());
    expect(clock.now()).toBe(0);
    clock.measure("yesterday", clock.steady());
    clock.measure(5, clock.steady() + 1);
    expect(clock.now()).toBe(0);
  });

  it("stands when somebody sets the tablet's clock", () => {
    const { hands, clock } = clockOf();
    clock.measure(900_000, clock.steady());
    hands.pass(1000);
    hands.wallNow += 3_600_000;
    expect(clock.now()).toBe(901_000);
    expect(clock.offsetNow()).toBe(3_700_000);
  });

  it("goes on while the tablet sleeps, though its steady clock may not", () => {
    const { hands, clock } = clockOf();
    clock.measure(900_000, clock.steady());
    clock.hide();
    hands.wallNow += 600_000;
    clock.show();
    expect(clock.now()).toBe(1_500_000);
    // Set back, or by days: that was nobody sleeping.
    clock.hide();
    hands.wallNow -= 600_000;
    clock.show();
    clock.hide();
    hands.wallNow += 3 * 86_400_000;
    clock.show();
    expect(clock.now()).toBe(1_500_000);
  });

  it("remembers its error over a restart", () => {
    const { clock } = clockOf();
    clock.restore({ offset: 4000 });
    expect(clock.now()).toBe(996_000);
    expect(clock.stamp().isMeasured).toBe(true);
    clock.measure(700_000, clock.steady());
    clock.restore({ offset: 1 });
    expect(clock.now()).toBe(700_000);
  });

  it("dates an event better once it knows", () => {
    const { hands, clock } = clockOf();
    const stamp = clock.stamp();
    hands.pass(5000);
    hands.wallNow += 86_400_000;
    clock.measure(500_000, clock.steady());
    expect(clock.settled(stamp)).toBe(495_000);
    // Of another page life only the wall clock's error helps.
    const other = new Clock(hands, "another life");
    other.restore({ offset: 2000 });
    expect(other.settled(stamp)).toBe(998_000);
  });
});

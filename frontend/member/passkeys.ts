/** Passkeys (WebAuthn), between the service's JSON and the browser's objects. */

interface JsonDescriptor {
  readonly id: string;
  readonly type: "public-key";
  readonly transports?: AuthenticatorTransport[];
}

export interface CreationJson {
  readonly challenge: string;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly excludeCredentials?: readonly JsonDescriptor[];
  readonly [more: string]: unknown;
}

export interface RequestJson {
  readonly challenge: string;
  readonly allowCredentials?: readonly JsonDescriptor[];
  readonly [more: string]: unknown;
}

/** What the service asks a browser to make or to sign. */
export interface Challenge<T> {
  readonly challenge_id: string;
  readonly public_key: T;
}

/** Whether this browser knows passkeys. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && navigator.credentials !== undefined;
}

/** Has the phone make a passkey. Null if she changed her mind, or this phone has one already. */
export async function make(options: CreationJson): Promise<object | null> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
  } as unknown as PublicKeyCredentialCreationOptions;
  return answered(() => navigator.credentials.create({ publicKey }));
}

/** Has the phone sign with a passkey. Null if she changed her mind, or has none here. */
export async function use(options: RequestJson): Promise<object | null> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(descriptor),
  } as unknown as PublicKeyCredentialRequestOptions;
  return answered(() => navigator.credentials.get({ publicKey }));
}

async function answered(ask: () => Promise<Credential | null>): Promise<object | null> {
  try {
    const made = await ask();
    return made ? json(made as PublicKeyCredential) : null;
  } catch (error) {
    // Not allowed, too late, or there already: nothing was made, and the phone has said why.
    if (error instanceof DOMException && ["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name)) return null;
    throw error;
  }
}

/** As the specification's own `toJSON`, which some browsers lack and some password managers break. */
function json(credential: PublicKeyCredential): object {
  const { response } = credential;
  const shared = { clientDataJSON: text(response.clientDataJSON) };
  const told =
    response instanceof AuthenticatorAttestationResponse
      ? { ...shared, attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] }
      : signature(response as AuthenticatorAssertionResponse, shared);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    ...(credential.authenticatorAttachment ? { authenticatorAttachment: credential.authenticatorAttachment } : {}),
    clientExtensionResults: credential.getClientExtensionResults(),
    response: told,
  };
}

function signature(response: AuthenticatorAssertionResponse, shared: object): object {
  return {
    ...shared,
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
  };
}

function descriptor(one: JsonDescriptor): PublicKeyCredentialDescriptor {
  return { ...one, id: bytes(one.id) };
}

/** The bytes of a base64url text. */
export function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  const plain = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** Bytes as base64url without padding. */
export function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

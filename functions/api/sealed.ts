/**
 * Texts that only the holder of a key can read, and that are the same for the same text: AES in counter mode under a
 * synthetic IV, which is the HMAC of the text (the construction of RFC 5297, with HMAC for its MAC). So a pseudonym can be
 * shown, compared and asked for, and an altered or invented one is no text at all.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';

export interface Seal {
  /** Letters, digits, `-` and `_`. */
  seal(content: string | Uint8Array): string;
  /** Undefined for what this key has not sealed. */
  open(sealed: string): Buffer | undefined;
}

const KEY_BYTES = 32;
/** Of the synthetic IV: of 10^9 texts, two share one with a chance of 1 in 10^11. */
const TAG_BYTES = 12;
const IV_BYTES = 16;

/** @param purpose seals of other purposes are no texts under this one */
export function sealWith(secret: string, purpose: string): Seal {
  const keyFor = (part: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `tidemark ${purpose} ${part}`, KEY_BYTES));
  const [macKey, cipherKey] = [keyFor('mac'), keyFor('cipher')];
  const tagOf = (text: Buffer) =>
    createHmac('sha256', macKey).update(text).digest().subarray(0, TAG_BYTES);
  const ivOf = (tag: Buffer) => Buffer.concat([tag, Buffer.alloc(IV_BYTES - TAG_BYTES)]);
  return {
    seal(content) {
      const plain = Buffer.from(content);
      const tag = tagOf(plain);
      const cipher = createCipheriv('aes-256-ctr', cipherKey, ivOf(tag));
      return Buffer.concat([tag, cipher.update(plain), cipher.final()]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Other spellings of the same bytes are not ours.
      if (bytes.length < TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined;
      const tag = bytes.subarray(0, TAG_BYTES);
      const cipher = createDecipheriv('aes-256-ctr', cipherKey, ivOf(tag));
      const plain = Buffer.concat([cipher.update(bytes.subarray(TAG_BYTES)), cipher.final()]);
      return timingSafeEqual(tagOf(plain), tag) ? plain : undefined;
    },
  };
}

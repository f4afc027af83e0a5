'use client';

/** The nonce of this page, for libraries that add style elements by themselves. */
export const pageNonce = (): string =>
  document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';

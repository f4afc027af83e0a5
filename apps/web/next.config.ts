import type { NextConfig } from 'next';

const config: NextConfig = {
  transpilePackages: ['@portreeve/contract', '@portreeve/domain'],
  reactStrictMode: true,
  poweredByHeader: false,
  // Types are checked by TypeScript 7's own compiler (`npm run typecheck`), which has no JavaScript API for Next.
  typescript: { ignoreBuildErrors: true },
  // The server compresses; every page depends on the request's CSP nonce and is rendered when asked for.
  compress: false,
  devIndicators: false,
};

export default config;

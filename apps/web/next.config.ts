import type { NextConfig } from 'next';

const MARKDOWN = /codemirror-json-schema[\\/]dist[\\/]utils[\\/]markdown(\.js)?$/;

const config: NextConfig = {
  transpilePackages: ['@portreeve/contract', '@portreeve/domain'],
  reactStrictMode: true,
  poweredByHeader: false,
  // Types are checked by TypeScript 7's own compiler (`npm run typecheck`), which has no JavaScript API for Next.
  typescript: { ignoreBuildErrors: true },
  compress: false,
  devIndicators: false,
  // No page shows a picture that needs it, and its address would fetch for anybody.
  images: { unoptimized: true },
  // Browsers ask for it when a page ends before its own icon is named.
  redirects: async () => [{ source: '/favicon.ico', destination: '/icon.svg', permanent: true }],
  webpack: (webpackConfig, { webpack }) => {
    // The completion's documentation pop-ups would bring a highlighter of code and a WebAssembly engine with them.
    webpackConfig.plugins.push(
      new webpack.NormalModuleReplacementPlugin(
        MARKDOWN,
        `${import.meta.dirname}/src/features/deploy/plain-markdown.ts`,
      ),
    );
    return webpackConfig;
  },
};

export default config;

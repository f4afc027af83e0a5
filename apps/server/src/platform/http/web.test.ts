import { expect, test } from 'vitest';
import { isPage } from './web.ts';

test.each([
  ...[
    '/',
    '/nodes',
    '/stacks/01990000-0000-7000-8000-000000000000?tab=file',
    '/_next/static/chunks/a%5Bid%5D.js',
  ],
  ...['/apis', '/metrics-of-a-service', '/favicon.ico'],
])('%s is a page', (url) => expect(isPage(url)).toBe(true));

test.each([
  ...['/api', '/api/', '/api/v1/nope', '/API/v1/me', '//api/v1/me', '/%61pi/v1/me', '/x/../api/v1/me'],
  ...['/%2e%2e/api/v1/me', '/api%2fv1', '/\\api/v1/me', '/metrics?token=x', '/healthz/', '/socket.io/?EIO=4'],
  ...['/api;x=y', '/%zz'],
])('S-5 %s is none: only the API may answer it', (url) => expect(isPage(url)).toBe(false));

test.each([
  '/_next/image?url=http%3A%2F%2F169.254.169.254%2F&w=64&q=75',
  '/_next/image?url=%2Fapi%2Fv1%2Fme&w=64&q=75',
  '/_next//image?url=x',
  '/_next/%69mage?url=x',
  '/_NEXT/image?url=x',
])('S-34 %s fetches nothing for anybody', (url) => expect(isPage(url)).toBe(false));

import type { ReactNode } from 'react';
import { Frame } from '../../features/frame/frame.tsx';
import { SignedIn } from '../../features/session/signed-in.tsx';

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <SignedIn>
      <Frame>{children}</Frame>
    </SignedIn>
  );
}

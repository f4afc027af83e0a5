import { SignInCard } from '../features/session/sign-in-card.tsx';
import { paths } from '../lib/paths.ts';
import { Link } from '../ui/link.tsx';

export default function NotFound() {
  return (
    <SignInCard title="There is no such page">
      <p style={{ marginBottom: 12 }}>It may have moved, or the address was cut.</p>
      <Link href={paths.overview()}>To the overview</Link>
    </SignInCard>
  );
}

import { ForwardsPage } from '../../../../features/audit/forwards-page.tsx';

export default function Page() {
  return <ForwardsPage />;
}

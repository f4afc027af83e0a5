import { GrantsPage } from '../../../features/grants/grants-page.tsx';

export default function Page() {
  return <GrantsPage />;
}

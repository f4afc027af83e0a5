import { NetworksPage } from '../../../features/networks/networks-page.tsx';

export default function Page() {
  return <NetworksPage />;
}

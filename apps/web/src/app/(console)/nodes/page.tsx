import { NodesPage } from '../../../features/nodes/nodes-page.tsx';

export default function Page() {
  return <NodesPage />;
}

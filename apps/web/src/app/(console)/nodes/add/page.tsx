import { AddNodePage } from '../../../../features/nodes/add-node-page.tsx';

export default function Page() {
  return <AddNodePage />;
}

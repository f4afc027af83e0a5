import { StacksPage } from '../../../features/stacks/stacks-page.tsx';

export default function Page() {
  return <StacksPage />;
}

import { DeployPage } from '../../../features/deploy/deploy-page.tsx';

export default function Page() {
  return <DeployPage />;
}

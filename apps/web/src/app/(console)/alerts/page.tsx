import { AlertsPage } from '../../../features/alerts/alerts-page.tsx';

export default function Page() {
  return <AlertsPage />;
}

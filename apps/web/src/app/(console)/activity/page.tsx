import { ActivityPage } from '../../../features/activity/activity-page.tsx';

export default function Page() {
  return <ActivityPage />;
}

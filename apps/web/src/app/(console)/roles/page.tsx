import { RolesPage } from '../../../features/roles/roles-page.tsx';

export default function Page() {
  return <RolesPage />;
}

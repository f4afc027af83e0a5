import { VolumesPage } from '../../../features/volumes/volumes-page.tsx';

export default function Page() {
  return <VolumesPage />;
}

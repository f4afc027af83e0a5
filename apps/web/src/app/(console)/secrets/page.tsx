import { FilesPage } from '../../../features/files/files-page.tsx';

export default function Page() {
  return <FilesPage kind="secret" />;
}

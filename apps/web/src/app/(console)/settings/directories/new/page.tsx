import { NewDirectoryPage } from '../../../../../features/directories/new-directory-page.tsx';

export default function Page() {
  return <NewDirectoryPage />;
}

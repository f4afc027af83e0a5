import { ArchivesPage } from '../../../../features/audit/archives-page.tsx';

export default function Page() {
  return <ArchivesPage />;
}

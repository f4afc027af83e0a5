import { UnusedPage } from '../../../../features/grants/unused-page.tsx';

export default function Page() {
  return <UnusedPage />;
}

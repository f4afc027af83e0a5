import { VerifyPage } from '../../../../features/audit/verify-page.tsx';

export default function Page() {
  return <VerifyPage />;
}

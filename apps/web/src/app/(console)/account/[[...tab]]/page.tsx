import { AccountPage } from '../../../../features/account/account-page.tsx';

type Props = { params: Promise<{ tab?: string[] }> };

export default async function Page({ params }: Props) {
  return <AccountPage tab={(await params).tab?.[0] ?? 'password'} />;
}

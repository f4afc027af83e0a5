import { ServiceAccountPage } from '../../../../../features/service-accounts/service-account-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <ServiceAccountPage id={id} tab={tab?.[0] ?? 'tokens'} />;
}

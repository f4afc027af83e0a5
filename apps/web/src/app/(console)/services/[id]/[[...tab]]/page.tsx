import { ServicePage } from '../../../../../features/services/service-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <ServicePage id={id} tab={tab?.[0] ?? 'tasks'} />;
}

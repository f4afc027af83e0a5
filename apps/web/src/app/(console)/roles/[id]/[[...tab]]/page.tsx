import { RolePage } from '../../../../../features/roles/role-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <RolePage id={id} tab={tab?.[0] ?? 'permissions'} />;
}

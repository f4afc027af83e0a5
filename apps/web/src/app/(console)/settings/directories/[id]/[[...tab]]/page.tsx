import { DirectoryPage } from '../../../../../../features/directories/directory-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <DirectoryPage id={id} tab={tab?.[0] ?? 'syncs'} />;
}

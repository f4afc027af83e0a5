import { NodePage } from '../../../../../features/nodes/node-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <NodePage id={id} tab={tab?.[0] ?? 'tasks'} />;
}

import { StackPage } from '../../../../../features/stacks/stack-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <StackPage id={id} tab={tab?.[0] ?? 'services'} />;
}

import { PersonPage } from '../../../../../features/people/person-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <PersonPage id={id} tab={tab?.[0] ?? 'held'} />;
}

import { TeamPage } from '../../../../../features/teams/team-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <TeamPage id={id} tab={tab?.[0] ?? 'people'} />;
}

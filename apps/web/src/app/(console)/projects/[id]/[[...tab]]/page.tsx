import { ProjectPage } from '../../../../../features/projects/project-page.tsx';

type Props = { params: Promise<{ id: string; tab?: string[] }> };

export default async function Page({ params }: Props) {
  const { id, tab } = await params;
  return <ProjectPage id={id} tab={tab?.[0] ?? 'protection'} />;
}

import { TaskPage } from '../../../../features/tasks/task-page.tsx';

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  return <TaskPage id={(await params).id} />;
}

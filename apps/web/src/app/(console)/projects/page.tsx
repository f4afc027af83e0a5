import { ProjectsPage } from '../../../features/projects/projects-page.tsx';

export default function Page() {
  return <ProjectsPage />;
}

import { RegistriesPage } from '../../../features/registries/registries-page.tsx';

export default function Page() {
  return <RegistriesPage />;
}

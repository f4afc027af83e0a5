import { SettingsPage } from '../../../../features/settings/settings-page.tsx';

type Props = { params: Promise<{ tab?: string[] }> };

export default async function Page({ params }: Props) {
  return <SettingsPage tab={(await params).tab?.[0] ?? 'cluster'} />;
}

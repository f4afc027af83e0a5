import { RecordingPage } from '../../../../../features/audit/recording-page.tsx';

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  return <RecordingPage id={(await params).id} />;
}

import { RolloutPage } from '../../../../features/rollouts/rollout-page.tsx';

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  return <RolloutPage id={(await params).id} />;
}

import { DevicePage } from '../../../features/session/device-page.tsx';

export default function Page() {
  return <DevicePage />;
}

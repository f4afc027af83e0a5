import type { UserView } from '@portreeve/contract';
import { Status } from '../../ui/status.tsx';

type Of = Pick<UserView, 'disabledAt' | 'disabledWhy' | 'mustChangePassword'>;

/** Whether somebody can sign in, and if not why. */
export const PersonStatus = ({ of, wrap }: { of: Of; wrap?: boolean }) => {
  if (of.disabledAt)
    return (
      <Status tone="off" wrap={wrap}>
        disabled{of.disabledWhy && `: ${of.disabledWhy}`}
      </Status>
    );
  return of.mustChangePassword ? (
    <Status tone="held">has a one-time password</Status>
  ) : (
    <Status tone="ok">enabled</Status>
  );
};

/** Where an account comes from. */
export const sourceOf = ({ directory }: Pick<UserView, 'directory'>): string =>
  directory ? `directory ${directory.name}` : 'this console';

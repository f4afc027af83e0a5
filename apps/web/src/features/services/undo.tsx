import { routes } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';

type Props = {
  serviceId: string;
  name: string;
  from: number;
  to: number;
  /** Tasks that it would replace. */
  replaces: number;
  /** A rollout is under way, which this ends. */
  supersedes?: boolean;
  disabledReason?: string | undefined;
};

/** Back to an earlier revision, wherever it is offered: the same button, and the same words before it. */
export const Undo = ({ serviceId, name, from, to, replaces, supersedes, disabledReason }: Props) => {
  const roll = useAction(routes.services.roll);
  return (
    <Confirm
      label={`Undo to ${to}`}
      disabledReason={disabledReason}
      run={() => roll.mutateAsync({ params: { id: serviceId }, body: { revision: to } })}
    >
      Rolls {name} back from revision {from} to {to}, by its update policy: {replaces}{' '}
      {replaces === 1 ? 'task is' : 'tasks are'} replaced.{' '}
      {supersedes ? 'The rollout under way is superseded. ' : ''}
      Revision {from} stays in the list, so this can be undone too.
    </Confirm>
  );
};

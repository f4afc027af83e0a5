import { Button, Tooltip } from '@patternfly/react-core';
import type { DeployPlanView } from '@portreeve/contract';
import { Name } from '@portreeve/domain';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import type { Draft } from './draft.ts';
import styles from './plan-panel.module.css';
import type { useApply } from './use-plan.ts';

type Props = {
  draft: Draft;
  plan: DeployPlanView | undefined;
  stale: boolean;
  outcome: ReturnType<typeof useApply>['outcome'];
  onApply: () => void;
};

/** Why Apply is off; undefined: it is on. */
export const notYet = ({
  draft,
  plan,
  stale,
}: Pick<Props, 'draft' | 'plan' | 'stale'>): string | undefined => {
  if (draft.name === '') return 'Give the stack a name first.';
  if (!Name.safeParse(draft.name).success)
    return `"${draft.name}" is no name: lower-case letters, digits, - and _.`;
  if (!plan || stale) return 'The plan is being drawn.';
  const errors = plan.diagnostics.filter((each) => each.severity === 'error').length;
  if (errors > 0)
    return errors === 1
      ? '1 problem in the file is to be mended first.'
      : `${errors} problems in the file are to be mended first.`;
  if (plan.refusals.length > 0) return 'Something is refused; its sentence says how to mend it.';
  if (!plan.applicable) return plan.summary || 'There is nothing to apply.';
  return undefined;
};

export const ApplyFoot = ({ draft, plan, stale, outcome, onApply }: Props) => {
  const reason = notYet({ draft, plan, stale });
  const removed =
    plan?.services.filter((service) => service.action === 'remove').map((service) => service.name) ?? [];
  const button = (
    <Button isAriaDisabled={reason !== undefined} isLoading={outcome.state === 'busy'} onClick={onApply}>
      Apply this plan
    </Button>
  );
  return (
    <>
      {outcome.state === 'failed' && <ProblemNote error={outcome.error} />}
      {outcome.state === 'moved' && (
        <Status tone="warn" wrap>
          Nothing was applied: the plan has changed since you looked. Look again, then apply.
        </Status>
      )}
      <footer className={styles.foot}>
        <span>
          {removed.length > 0 ? (
            <Status tone="warn" wrap>
              Removes {removed.join(', ')}; volumes stay.
            </Status>
          ) : (
            'Runs exactly this, or nothing if the stack, a digest or a policy has changed.'
          )}
        </span>
        {reason ? <Tooltip content={reason}>{button}</Tooltip> : button}
      </footer>
    </>
  );
};

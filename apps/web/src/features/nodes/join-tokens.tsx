'use client';
import { routes } from '@portreeve/contract';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageButtons } from '../../ui/page-buttons.tsx';
import { Panel } from '../../ui/panel.tsx';
import { When } from '../../ui/when.tsx';
import styles from './arrivals.module.css';

/** Commands made before that still work; each can be revoked. */
export const JoinTokens = () => {
  const list = useListState('tokens.');
  const tokens = useWatch(routes.nodes.tokens, { query: list.query });
  const revoke = useAction(routes.nodes.revokeToken);
  return (
    <Panel title="Commands that still work">
      <Gate of={tokens} lines={2}>
        {({ items, next }) => (
          <div className={styles.rows}>
            {items.length === 0 && <span className="dim">None.</span>}
            {items.map((token) => (
              <div key={token.id}>
                <b>{token.description || 'no description'}</b>{' '}
                <span className="dim">
                  {token.nodeId
                    ? 'for one node that joins again'
                    : `${token.usesLeft} left, ${token.projectPath}`}
                  , by {token.createdBy}, ends <When at={token.expiresAt} as="until" />
                </span>{' '}
                <Confirm
                  label="Revoke"
                  variant="link"
                  danger
                  run={() => revoke.mutateAsync({ params: { id: token.id } })}
                >
                  The command no longer lets anybody in. Nodes that have joined with it stay.
                </Confirm>
              </div>
            ))}
            <PageButtons list={list} next={next} />
          </div>
        )}
      </Gate>
    </Panel>
  );
};

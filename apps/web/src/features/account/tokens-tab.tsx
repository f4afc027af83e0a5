'use client';
import { routes } from '@portreeve/contract';
import { useAction, useWatch } from '../../live/queries.ts';
import { useListState } from '../../ui/list-state.ts';
import { NewToken } from './new-token.tsx';
import { TokensPanel } from './tokens-panel.tsx';

const ALL = { text: 'All that I may', means: 'Everything you may, now and later.' };

/** Tokens of one's own, for CI and scripts. */
export const TokensTab = () => {
  const list = useListState();
  const tokens = useWatch(routes.session.tokens, { query: list.query });
  const create = useAction(routes.session.createToken);
  const revoke = useAction(routes.session.revokeToken);
  return (
    <TokensPanel
      of={tokens}
      list={list}
      may="all that you may"
      revoke={(id) => revoke.mutateAsync({ params: { id } })}
      newToken={(onMade) => (
        <NewToken all={ALL} onMade={onMade} create={(body) => create.mutateAsync({ body })} />
      )}
      teach="A token lets a script or a pipeline act in your name, narrowed to what you say. The command line gets its own when it signs in."
    />
  );
};

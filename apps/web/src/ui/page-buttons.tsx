import type { ListState } from './list-state.ts';

/** The way through a list that does not end on this page. */
export const PageButtons = ({ list, next }: { list: ListState | undefined; next: string | undefined }) => (
  <>
    {list?.query.cursor && (
      <button type="button" className="quiet" onClick={() => list.page(undefined)}>
        First page
      </button>
    )}
    {list && next && (
      <button type="button" className="quiet" onClick={() => list.page(next)}>
        Next page
      </button>
    )}
  </>
);

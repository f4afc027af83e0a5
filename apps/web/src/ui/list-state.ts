'use client';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';

/** Filters, sorting and paging of a list; they live in the URL and are answered by the server. */
export type ListState = {
  /** Query of the list's route. */
  query: { search?: string; sort?: string; direction?: 'asc' | 'desc'; cursor?: string; limit: number };
  read: (key: string) => string | undefined;
  /** Changes filters and goes back to the first page. */
  filter: (changes: Record<string, string | undefined>) => void;
  sort: (key: string, direction: 'asc' | 'desc') => void;
  page: (cursor: string | undefined) => void;
  hrefOf: (changes: Record<string, string | undefined>) => string;
};

const LIMIT = 50;

/** `of` names a second list of a page, whose part of the URL is its own. */
export const useListState = (of = ''): ListState => {
  const params = useSearchParams();
  const path = usePathname();
  const router = useRouter();
  const hrefOf = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(params);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(of + key);
      else next.set(of + key, value);
    }
    const text = next.toString();
    return text === '' ? path : `${path}?${text}`;
  };
  const replace = (changes: Record<string, string | undefined>) => {
    const href = hrefOf({ cursor: undefined, ...changes });
    router.replace(href, { scroll: false });
  };
  const read = (key: string) => params.get(of + key) ?? undefined;
  const direction = read('direction');
  return {
    query: {
      search: read('search'),
      sort: read('sort'),
      direction: direction === 'asc' || direction === 'desc' ? direction : undefined,
      cursor: read('cursor'),
      limit: Number(read('limit') ?? LIMIT),
    },
    read,
    filter: replace,
    sort: (sort, next) => replace({ sort, direction: next }),
    page: (cursor) => router.push(hrefOf({ cursor })),
    hrefOf,
  };
};

'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { useRemembered } from '../../ui/remembered.ts';

/** The project that scopes every list: named in the URL, else the one chosen last. `/` is everything. */
export const useProject = (): string => {
  const [kept] = useRemembered('project');
  return useSearchParams().get('project') ?? (kept || '/');
};

/** Chooses a project; the list on screen follows, an object's page stays where it is. */
export const useChooseProject = (): ((path: string) => void) => {
  const [, keep] = useRemembered('project');
  const router = useRouter();
  return (path) => {
    keep(path);
    const url = new URL(location.href);
    if (!url.searchParams.has('project')) return;
    url.searchParams.set('project', path);
    router.replace(url.pathname + url.search);
  };
};

/** What a project is called on screen; the root holds everything. */
export const projectName = (path: string): string => (path === '/' ? 'Everything' : path);

/** What an empty list says of the project it is of. */
export const noneYet = (kind: string, project: string): string =>
  project === '/' ? `No ${kind} yet` : `No ${kind} in ${project} yet`;

'use client';
import type { Permission } from '@portreeve/domain';
import { missing } from '../../ui/action-button.tsx';
import { useMay } from './signed-in.tsx';

/** Why a button of a list is off: undefined when the person may. Objects with a page say it by their own `may`. */
export const useLack = (permission: Permission): string | undefined => {
  const may = useMay(permission);
  return missing({ [permission]: may }, permission);
};

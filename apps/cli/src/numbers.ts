import { InvalidArgumentError } from 'commander';

/** For commander: a whole number from `least` on, which says in a sentence what it is not. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  };

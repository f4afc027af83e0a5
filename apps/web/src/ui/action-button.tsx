'use client';
import { Button, type ButtonProps, Tooltip } from '@patternfly/react-core';
import { PERMISSIONS, type Permission } from '@portreeve/domain';

/** Why a button is off, from an object's `may`: undefined when the caller may. */
export const missing = (
  may: Readonly<Record<string, boolean>> | undefined,
  permission: Permission,
  where = 'here',
): string | undefined =>
  may?.[permission] === false
    ? `You lack ${permission} ${where} (${PERMISSIONS[permission].toLowerCase()}). Ask an administrator.`
    : undefined;

type Props = Omit<ButtonProps, 'isDisabled'> & { disabledReason?: string | undefined };

/** A button that, when it is off, says why; it stays focusable so that the reason can be read by keyboard. */
export const ActionButton = ({ disabledReason, ...props }: Props) => {
  const button = (
    <Button size="sm" variant="secondary" {...props} isAriaDisabled={disabledReason !== undefined} />
  );
  return disabledReason === undefined ? button : <Tooltip content={disabledReason}>{button}</Tooltip>;
};

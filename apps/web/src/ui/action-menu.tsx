'use client';
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { ConfirmDialog, type ConfirmProps } from './confirm-dialog.tsx';

export type MenuAction = Omit<ConfirmProps, 'onClose' | 'children'> & {
  sentence: ConfirmProps['children'];
  disabledReason?: string | undefined;
};

/** The rarer actions of an object; each says before what it will do, as a button would. */
export const ActionMenu = ({ label, actions }: { label: string; actions: readonly MenuAction[] }) => {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const action = actions.find((each) => each.label === chosen);
  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={() => setOpen(false)}
        popperProps={{ position: 'right' }}
        toggle={(ref) => (
          <MenuToggle
            ref={ref}
            variant="plain"
            size="sm"
            aria-label={label}
            isExpanded={open}
            icon={<EllipsisVIcon />}
            onClick={() => setOpen(!open)}
          />
        )}
      >
        <DropdownList>
          {actions.map((each) => (
            <DropdownItem
              key={each.label}
              isDanger={each.danger}
              isAriaDisabled={each.disabledReason !== undefined}
              tooltipProps={each.disabledReason ? { content: each.disabledReason } : undefined}
              onClick={() => each.disabledReason === undefined && setChosen(each.label)}
            >
              {each.label}
            </DropdownItem>
          ))}
        </DropdownList>
      </Dropdown>
      {action && (
        <ConfirmDialog {...action} onClose={() => setChosen(null)}>
          {action.sentence}
        </ConfirmDialog>
      )}
    </>
  );
};

"""What every kind of agent says, in one vocabulary: an adapter turns its program's lines into these."""

from __future__ import annotations

from .asking import FileOffered as FileOffered
from .asking import FileWanted as FileWanted
from .asking import Granted as Granted
from .asking import Wants as Wants
from .asking import WantsNoMore as WantsNoMore
from .course import ActivityChanged as ActivityChanged
from .course import Failed as Failed
from .course import LimitHeard as LimitHeard
from .course import Reports as Reports
from .course import Retrying as Retrying
from .course import TurnEnded as TurnEnded
from .course import Used as Used
from .reacting import NO_REACTION as NO_REACTION
from .reacting import AgentEvent as AgentEvent
from .reacting import Outgoing as Outgoing
from .reacting import Reaction as Reaction
from .starting import JOB_FILE as JOB_FILE
from .starting import Job as Job
from .starting import Launch as Launch
from .starting import ToolServer as ToolServer
from .states import REFUSALS as REFUSALS
from .states import Activity as Activity
from .states import AskKind as AskKind
from .states import Trouble as Trouble
from .telling import PlanStated as PlanStated
from .telling import Said as Said
from .telling import SessionStarted as SessionStarted
from .telling import ToolEnded as ToolEnded
from .telling import ToolStarted as ToolStarted
